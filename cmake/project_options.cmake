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

# One folder of the house: a static library that lists its headers.
function(noisefloor_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC)
  target_sources(${name} PRIVATE ${ARG_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} project_options)
endfunction()
