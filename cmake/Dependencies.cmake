# Every library that the suite uses, each as one imported target. All come from Debian's packages
# (scripts/setup installs them). Which folder may use which is said where it is linked.

# To load and relocate ten shared libraries takes 1.5 ms before main, more than all that the wrapper does
# before it starts redis-server; the C++ library alone takes a third of that. ON takes the archives that
# Debian has beside them. libc stays shared: a name look-up loads parts of it at run time. The price: a fix
# in one of them needs a new build.
option(REDIS_ZK_STATIC_LIBRARIES "Link statically what can be" OFF)
if(REDIS_ZK_STATIC_LIBRARIES)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(Boost_USE_STATIC_LIBS ON)
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(libevent REQUIRED IMPORTED_TARGET libevent_core libevent_extra)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)

# Debian has no .pc file for the ZooKeeper client. The single-threaded edition: a frozen main
# thread must not be kept alive in ZooKeeper by a second one.
find_library(ZOOKEEPER_ST_LIBRARY zookeeper_st REQUIRED)
find_path(ZOOKEEPER_INCLUDE_DIR zookeeper/zookeeper.h REQUIRED)
add_library(zookeeper_st UNKNOWN IMPORTED)
set_target_properties(zookeeper_st PROPERTIES
  IMPORTED_LOCATION ${ZOOKEEPER_ST_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${ZOOKEEPER_INCLUDE_DIR})

# Debian has no archives of spdlog and fmt. As headers they need none, and bring in only what is used.
add_library(spdlog_headers INTERFACE)
target_include_directories(spdlog_headers SYSTEM INTERFACE
  $<TARGET_PROPERTY:spdlog::spdlog_header_only,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_definitions(spdlog_headers INTERFACE
  $<TARGET_PROPERTY:spdlog::spdlog_header_only,INTERFACE_COMPILE_DEFINITIONS>)
target_link_libraries(spdlog_headers INTERFACE fmt::fmt-header-only)

if(REDIS_ZK_STATIC_LIBRARIES)
  add_link_options(LINKER:--gc-sections -static-libstdc++ -static-libgcc)
endif()
