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

# The rooms of the house and their arrows: cmake/rooms.txt.
set(NOISEFLOOR_ROOMS ${CMAKE_CURRENT_LIST_DIR}/rooms.txt)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${NOISEFLOOR_ROOMS})
# Several sources of a room are compiled as one: most of the time of a build goes into reading headers.
option(NOISEFLOOR_UNITY "Compile the sources of a room together" ON)

# noisefloor_rooms(FOLDER [NO_UNITY] [AUTOMOC] [PUBLIC …] [PRIVATE …] [PRECOMPILE …] [APART GLOB…]): one static library FOLDER_ROOM per row
# of FOLDER in rooms.txt, which links the rooms that the row names, and FOLDER for all of them.
function(noisefloor_rooms folder)
  cmake_parse_arguments(ARG "NO_UNITY;AUTOMOC" "" "PUBLIC;PRIVATE;PRECOMPILE;APART" ${ARGN})
  string(REPLACE "/" "_" prefix ${folder})
  add_library(${prefix} INTERFACE)
  if(NOISEFLOOR_PCH)
    # One precompiled header serves all rooms of a folder.
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${prefix}_precompiled.cpp CONTENT "// what every room of ${folder} reads\n")
    add_library(${prefix}_precompiled STATIC ${CMAKE_CURRENT_BINARY_DIR}/${prefix}_precompiled.cpp)
    target_link_libraries(${prefix}_precompiled PRIVATE ${ARG_PUBLIC} ${ARG_PRIVATE} project_options)
    noisefloor_precompile(${prefix}_precompiled ${ARG_PRECOMPILE})
  endif()
  file(STRINGS ${NOISEFLOOR_ROOMS} rows REGEX "^${folder}/[a-z0-9_]+:")
  foreach(row IN LISTS rows)
    string(REGEX MATCH "^${folder}/([a-z0-9_]+): *(.*)$" row "${row}")
    set(room ${CMAKE_MATCH_1})
    string(REPLACE " " ";" reads "${CMAKE_MATCH_2}")
    list(TRANSFORM reads PREPEND "${prefix}_")
    file(GLOB sources CONFIGURE_DEPENDS ${room}/*.cpp ${room}/*/*.cpp)
    file(GLOB headers CONFIGURE_DEPENDS ${room}/*.h ${room}/*/*.h)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    add_library(${prefix}_${room} STATIC ${sources})
    target_sources(${prefix}_${room} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
    target_link_libraries(${prefix}_${room} PUBLIC ${reads} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} project_options)
    target_compile_features(${prefix}_${room} PUBLIC cxx_std_20)
    if(ARG_AUTOMOC)
      set_target_properties(${prefix}_${room} PROPERTIES AUTOMOC ON)
    endif()
    if(NOISEFLOOR_UNITY AND NOT ARG_NO_UNITY)
      set_target_properties(${prefix}_${room} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
      # Files that all define one name of their own, each its table of operators.
      foreach(apart IN LISTS ARG_APART)
        file(GLOB separate ${apart})
        set_source_files_properties(${separate} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endforeach()
    endif()
    if(NOISEFLOOR_PCH)
      target_precompile_headers(${prefix}_${room} REUSE_FROM ${prefix}_precompiled)
    endif()
    target_link_libraries(${prefix} INTERFACE ${prefix}_${room})
  endforeach()
endfunction()
