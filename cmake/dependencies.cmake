# Every library from outside, found in one place. All are Debian 12 packages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(tl-expected CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)

# The interpreter to embed: Debian's unless -DPython3_EXECUTABLE= says otherwise. Its own python3-config
# knows its flags; FindPython would prefer whichever python3 comes first on PATH.
set(Python3_EXECUTABLE "/usr/bin/python3" CACHE FILEPATH "Interpreter whose library is embedded")
execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sys;print('%d.%d'%sys.version_info[:2])"
  OUTPUT_VARIABLE GH_PYTHON_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
get_filename_component(GH_PYTHON_REAL ${Python3_EXECUTABLE} REALPATH)
get_filename_component(GH_PYTHON_BIN ${GH_PYTHON_REAL} DIRECTORY)
find_program(GH_PYTHON_CONFIG NAMES python${GH_PYTHON_VERSION}-config
  PATHS ${GH_PYTHON_BIN} NO_DEFAULT_PATH REQUIRED)
execute_process(COMMAND ${GH_PYTHON_CONFIG} --includes
  OUTPUT_VARIABLE GH_PYTHON_INCLUDES OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${GH_PYTHON_CONFIG} --embed --ldflags
  OUTPUT_VARIABLE GH_PYTHON_LDFLAGS OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${GH_PYTHON_CONFIG} --prefix
  OUTPUT_VARIABLE GH_PYTHON_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(GH_PYTHON_INCLUDES UNIX_COMMAND "${GH_PYTHON_INCLUDES}")
separate_arguments(GH_PYTHON_LDFLAGS UNIX_COMMAND "${GH_PYTHON_LDFLAGS}")
list(TRANSFORM GH_PYTHON_INCLUDES REPLACE "^-I" "")
list(REMOVE_DUPLICATES GH_PYTHON_INCLUDES)
add_library(gh_python INTERFACE)
target_include_directories(gh_python SYSTEM INTERFACE ${GH_PYTHON_INCLUDES})
target_link_libraries(gh_python INTERFACE ${GH_PYTHON_LDFLAGS})
if(NOT GH_PYTHON_PREFIX STREQUAL "/usr")
  target_link_options(gh_python INTERFACE -Wl,-rpath,${GH_PYTHON_PREFIX}/lib)
endif()
message(STATUS "Embedding Python ${GH_PYTHON_VERSION} of ${Python3_EXECUTABLE}")
