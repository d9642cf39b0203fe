# The Debian packages that `cpack --config build/CPackConfig.cmake` makes of the install components: asyncc (the compiler and
# what builds with it), libasyncc-dev (headers, static library) and libasyncc0 (shared library).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME asyncc)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "asyncc authors <asyncc@localhost>" CACHE STRING "The maintainer that the packages name")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL compiler runtime dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)

find_program(dpkg_shlibdeps dpkg-shlibdeps NO_CACHE)
find_program(file file NO_CACHE) # what CPack tells executables by
if(dpkg_shlibdeps AND file)
	set(CPACK_DEBIAN_COMPILER_PACKAGE_SHLIBDEPS ON)
	set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
	set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
	set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
endif()

# clang's own headers, which every lowering reads, and its executable, which some need: the packages they came from.
find_program(dpkg_query dpkg-query NO_CACHE)
foreach(file ${resource_dir}/include/stddef.h ${clang})
	if(dpkg_query)
		get_filename_component(file ${file} REALPATH)
		execute_process(COMMAND ${dpkg_query} -S ${file} OUTPUT_VARIABLE owner ERROR_QUIET)
		string(REGEX REPLACE "[:,].*" "" owner "${owner}")
		if(owner)
			list(APPEND clang_packages ${owner})
		endif()
	endif()
endforeach()
list(JOIN clang_packages ", " clang_packages)
if(clang_packages)
	string(PREPEND clang_packages ", ")
endif()

set(CPACK_DEBIAN_COMPILER_PACKAGE_NAME asyncc)
set(CPACK_DEBIAN_COMPILER_PACKAGE_SECTION devel)
set(CPACK_COMPONENT_COMPILER_DESCRIPTION "The compiler:
asyncc lowers the async functions of a C source to plain C11 that gcc or clang
compiles.  With it come a CMake package, a Makefile fragment and the manual.")
set(CPACK_DEBIAN_COMPILER_PACKAGE_DEPENDS "libasyncc-dev (= ${PROJECT_VERSION})${clang_packages}")
set(CPACK_DEBIAN_COMPILER_PACKAGE_RECOMMENDS "gcc | clang")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libasyncc-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEV_DESCRIPTION "Headers and static library:
what a program in async C is compiled and linked with.")
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libasyncc0 (= ${PROJECT_VERSION}), libc6-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "asyncc, gdb")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libasyncc0)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "The shared library:
the event loops, tasks, executors and streams that async C runs on.")
# Loaded when such a loop is asked for.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "liburing2, libuv1")

include(CPack)
