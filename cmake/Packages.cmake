# `cpack` in build/release makes three Debian packages, one for each executable: hosts that run a watcher need no
# redis-server, and a conffile belongs to one package only. Variables: cmake-modules(7), CPackDeb.
set(packages redis-wrapper sentinel-wrapper watcher)

# What is in the executables though it is not ours: its notices have to go with them. (Boost's licence does not ask for it.)
set(linked_libraries libc-ares-dev libevent-dev libfmt-dev libhiredis-dev libspdlog-dev libzookeeper-st-dev
  nlohmann-json3-dev)

set(examples_redis-wrapper conf/redis.conf)
set(examples_sentinel-wrapper conf/sentinel.conf)
set(examples_watcher "")

set(depends_redis-wrapper "redis-server | valkey-server")
set(depends_sentinel-wrapper "redis-sentinel | redis-server | valkey-sentinel | valkey-server")
set(depends_watcher "")

set(summary_redis-wrapper "Redis server that finds its master in ZooKeeper")
set(summary_sentinel-wrapper "Redis Sentinel that finds its master in ZooKeeper")
set(summary_watcher "keeps the record of the Redis master in ZooKeeper true")

set(text_redis-wrapper "redis-wrapper starts a redis-server and is its parent for life. It makes it\n\
master when the cluster has none, or a replica of the master that there is.")
set(text_sentinel-wrapper "sentinel-wrapper starts a redis-sentinel on the master of the cluster,\n\
registers it for clients, and lets no ghost of it stay behind.")
set(text_watcher "watcher writes down in ZooKeeper whom the sentinels have promoted, for\n\
clients that know nothing of Sentinel, and tells everybody who asks over HTTP.")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME redis-zk)
set(CPACK_PACKAGE_CONTACT "Redis + ZK maintainers <redis-zk@packages.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL ${packages})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(generated ${CMAKE_BINARY_DIR}/packages)
set(sources ${CMAKE_SOURCE_DIR}/cmake/packages)

# Of one package: what `cmake --install` without a component leaves out, since it belongs to a Debian.
function(describe_package executable)
  set(package redis-zk-${executable})
  set(unit ${package}.service)
  set(folder ${generated}/${executable})
  set(documents ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package})
  set(conffiles systemd/${executable}.conf ${examples_${executable}})

  set(list_of_conffiles "")
  foreach(file ${conffiles})
    cmake_path(GET file FILENAME name)
    string(APPEND list_of_conffiles "/etc/redis-zk/${name}\n")
  endforeach()
  file(WRITE ${folder}/conffiles "${list_of_conffiles}")
  foreach(script postinst prerm postrm)
    configure_file(${sources}/${script}.in ${folder}/${script} @ONLY
      FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  endforeach()
  configure_file(${sources}/changelog.in ${folder}/changelog @ONLY)
  execute_process(COMMAND gzip --best --no-name --stdout ${folder}/changelog
    OUTPUT_FILE ${folder}/changelog.gz COMMAND_ERROR_IS_FATAL ANY)

  install(FILES ${conffiles} DESTINATION /etc/redis-zk COMPONENT ${executable} EXCLUDE_FROM_ALL)
  install(FILES systemd/${unit} DESTINATION lib/systemd/system COMPONENT ${executable} EXCLUDE_FROM_ALL)
  install(FILES README.md ${sources}/copyright ${folder}/changelog.gz
    DESTINATION ${documents} COMPONENT ${executable} EXCLUDE_FROM_ALL)
  install(DIRECTORY docs DESTINATION ${documents} COMPONENT ${executable} EXCLUDE_FROM_ALL)
  foreach(library ${linked_libraries})
    install(FILES /usr/share/doc/${library}/copyright DESTINATION ${documents}/libraries
      RENAME ${library}.txt COMPONENT ${executable} EXCLUDE_FROM_ALL)
  endforeach()
endfunction()

foreach(executable ${packages})
  describe_package(${executable})
  set(control ${generated}/${executable})
  set(depends adduser ${depends_${executable}})
  string(TOUPPER ${executable} name)
  set(CPACK_DEBIAN_${name}_DESCRIPTION "${summary_${executable}}\n${text_${executable}}")
  set(CPACK_DEBIAN_${name}_PACKAGE_NAME redis-zk-${executable})
  list(JOIN depends ", " CPACK_DEBIAN_${name}_PACKAGE_DEPENDS)
  set(CPACK_DEBIAN_${name}_PACKAGE_SUGGESTS zookeeper)
  set(CPACK_DEBIAN_${name}_PACKAGE_CONTROL_EXTRA
    "${control}/conffiles;${control}/postinst;${control}/prerm;${control}/postrm")
endforeach()

include(CPack)
