# gh_library(NAME SOURCES ... DEPENDS ... PRIVATE_DEPENDS ...): one folder, one static library.
# What it links is what it may include; the test `layers` compares every #include with cmake/layers.txt.
function(gh_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE gh_warnings ${ARG_PRIVATE_DEPENDS})
endfunction()

# gh_program(NAME SOURCES ... DEPENDS ...)
function(gh_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE gh_warnings ${ARG_DEPENDS})
endfunction()
