# The few rules that every target of the project shares.
find_package(PkgConfig REQUIRED)
# In Release libcrypto's archive, which libssl-dev has (see docs/decisions/starting.md).
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TUNNELBED_SANITIZE)
    set(OPENSSL_USE_STATIC_LIBS TRUE)
endif()
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(PCAP REQUIRED IMPORTED_TARGET libpcap)
find_library(NET_LIBRARY net REQUIRED)

# Flags: root is on the include path with -iquote alone, since a plain -I would let this project's
# pcap/ shadow libpcap's own <pcap/...> headers.
add_library(tunnelbed_flags INTERFACE)
target_compile_definitions(tunnelbed_flags INTERFACE _GNU_SOURCE)
target_compile_options(tunnelbed_flags INTERFACE
    "SHELL:-iquote ${CMAKE_SOURCE_DIR}"
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wswitch-enum -Wvla -Werror -fno-strict-aliasing
    "$<$<CONFIG:Release>:-O2>"
    # Asserts stay on in release: a broken invariant must never pass silently.
    "$<$<CONFIG:Release,RelWithDebInfo>:-UNDEBUG>")
if(TUNNELBED_SANITIZE)
    target_compile_options(tunnelbed_flags INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
        # With the sanitizers' checks in between, GCC's flow analysis sees paths that are none.
        $<$<C_COMPILER_ID:GNU>:-Wno-stringop-overflow>
        $<$<C_COMPILER_ID:GNU>:-Wno-array-bounds>
        $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(tunnelbed_flags INTERFACE -fsanitize=address,undefined)
endif()
if(TUNNELBED_FUZZ)
    target_compile_options(tunnelbed_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
    target_link_options(tunnelbed_flags INTERFACE -fsanitize=address,undefined)
endif()
if(TUNNELBED_COVERAGE)
    target_compile_options(tunnelbed_flags INTERFACE --coverage -fprofile-update=atomic) # of threads too
    target_link_options(tunnelbed_flags INTERFACE --coverage)
endif()

# tb_library(name SOURCES a.c ... LIBS other ...): one target a folder.
function(tb_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC tunnelbed_flags ${ARG_LIBS})
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TUNNELBED_SANITIZE)
        set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
endfunction()

# tb_executable(name SOURCES a.c ... LIBS other ...)
function(tb_executable name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE tunnelbed_flags ${ARG_LIBS})
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TUNNELBED_SANITIZE)
        set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
endfunction()

# tb_test(name SOURCES test_x.c ... LIBS ...): a cmocka program, run by ctest from the source root.
function(tb_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
    tb_executable(${name} SOURCES ${ARG_SOURCES} LIBS ${ARG_LIBS} cmocka)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
