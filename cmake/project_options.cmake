# Flags for every target of the project; nothing is set through global variables.
add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(project_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wpedantic
  # Floating-point results must not depend on how the compiler contracts a*b+c.
  -ffp-contract=off -fno-math-errno)
if(NOISEFLOOR_WERROR)
  target_compile_options(project_options INTERFACE -Werror)
endif()
if(NOISEFLOOR_SANITIZE)
  target_compile_options(project_options INTERFACE -fsanitize=${NOISEFLOOR_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(project_options INTERFACE -fsanitize=${NOISEFLOOR_SANITIZE})
endif()

# Standard headers that most files read, and those of libraries that are slow to read, once per target.
# Every file still includes what it uses: NOISEFLOOR_PCH=OFF proves it.
option(NOISEFLOOR_PCH "Precompile headers" ON)
function(noisefloor_precompile target)
  if(NOISEFLOOR_PCH)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <limits>
      <map> <memory> <numeric> <optional> <set> <span> <stop_token> <string> <string_view> <unordered_map> <utility>
      <variant> <vector> ${ARGN})
  endif()
endfunction()

# One folder of the house: a static library that lists its headers.
function(noisefloor_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  add_library(${name} STATIC)
  target_sources(${name} PRIVATE ${ARG_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} project_options)
  noisefloor_precompile(${name} ${ARG_PRECOMPILE})
endfunction()
