# Every library that the suite uses, each as one imported target. All come from Debian's packages
# (scripts/setup installs them). Which folder may use which is said where it is linked.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(libevent REQUIRED IMPORTED_TARGET libevent_core libevent_extra)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)

# Debian has no .pc file for the ZooKeeper client. The single-threaded edition: a frozen main
# thread must not be kept alive in ZooKeeper by a second one.
find_library(ZOOKEEPER_ST_LIBRARY zookeeper_st REQUIRED)
find_path(ZOOKEEPER_INCLUDE_DIR zookeeper/zookeeper.h REQUIRED)
add_library(zookeeper_st UNKNOWN IMPORTED)
set_target_properties(zookeeper_st PROPERTIES
  IMPORTED_LOCATION ${ZOOKEEPER_ST_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${ZOOKEEPER_INCLUDE_DIR})
