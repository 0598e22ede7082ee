# Linked privately by every target of ours. The presets turn warnings into errors; a user who
# builds with a newer compiler is not stopped by its new opinions.
option(REDIS_ZK_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)

add_library(warnings INTERFACE)
target_compile_options(warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum
  $<$<BOOL:${REDIS_ZK_WARNINGS_AS_ERRORS}>:-Werror>)
