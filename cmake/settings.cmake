# One interface target carries the project's compile and link settings.
add_library(tidepool_settings INTERFACE)
target_include_directories(tidepool_settings INTERFACE ${PROJECT_SOURCE_DIR}/common)
target_compile_options(tidepool_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:GNU>:-fcoroutines>
  -ffunction-sections -fdata-sections
  # Programs too (CMake would say -fPIE), so that they can use the same precompiled headers.
  -fPIC)
if(TIDEPOOL_WERROR)
  target_compile_options(tidepool_settings INTERFACE -Werror)
endif()
if(CMAKE_UNITY_BUILD)
  # Several files in one: what is in an anonymous namespace there looks as if a header had it.
  target_compile_options(tidepool_settings INTERFACE -Wno-subobject-linkage)
endif()
# g++ 12 warns wrongly inside coroutines' frames and inlined std::string/variant code.
target_compile_options(tidepool_settings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:RelWithDebInfo,Release>>:-Wno-array-bounds$<SEMICOLON>-Wno-mismatched-new-delete>)
target_link_options(tidepool_settings INTERFACE -Wl,--gc-sections -Wl,--as-needed)
if(TIDEPOOL_SANITIZE)
  target_compile_options(tidepool_settings INTERFACE
    -fsanitize=${TIDEPOOL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tidepool_settings INTERFACE -fsanitize=${TIDEPOOL_SANITIZE})
else()
  # Programs export nothing: no symbol of ours or of a static library can be interposed.
  set(TIDEPOOL_PROGRAM_LINK_OPTIONS
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/program.map)
endif()
target_compile_definitions(tidepool_settings INTERFACE
  TIDEPOOL_VERSION="${PROJECT_VERSION}"
  # Coroutines run on one thread: Asio needs no locks of its own.
  BOOST_ASIO_DISABLE_THREADS=0 BOOST_ASIO_NO_DEPRECATED
  # Asio's own functions are compiled once, in base/asio.cpp, not in every file: half of each
  # file's time.
  BOOST_ASIO_SEPARATE_COMPILATION)

# The headers that nearly every file reads, parsed once. (A third of a build's time otherwise.)
add_library(tidepool_headers OBJECT ${PROJECT_SOURCE_DIR}/cmake/headers.cpp)
target_precompile_headers(tidepool_headers PRIVATE ${PROJECT_SOURCE_DIR}/cmake/headers.hpp)

# tidepool_layer(NAME FILES... [USES layers... ]): a folder of common/ as a static library that
# may include and link only what it names, so that the layers' arrows cannot turn round unseen.
function(tidepool_layer name)
  cmake_parse_arguments(L "" "" "FILES;USES" ${ARGN})
  add_library(tidepool_${name} STATIC ${L_FILES})
  target_link_libraries(tidepool_${name} PUBLIC tidepool_settings ${L_USES})
  target_precompile_headers(tidepool_${name} REUSE_FROM tidepool_headers)
endfunction()

# tidepool_program(NAME FILES... USES ...): an executable.
function(tidepool_program name)
  cmake_parse_arguments(P "" "" "FILES;USES" ${ARGN})
  add_executable(${name} ${P_FILES})
  target_link_libraries(${name} PRIVATE tidepool_settings ${P_USES})
  target_link_options(${name} PRIVATE ${TIDEPOOL_PROGRAM_LINK_OPTIONS})
endfunction()
