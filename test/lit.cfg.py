# The compiler's tests.  What a test may say in its RUN lines:
#   %asyncc     asyncc on a copy of the source in which the CHECK and RUN lines are blank, so that they cannot match
#               themselves; it is called by its base name, and the lines keep their numbers
#   %exec       lowers %s, runs it as gcc and clang make it at -O0 and -O2 and under clang's sanitizers, compares what
#               these print, and prints it once
#   %exec_err   the same with what goes to stderr
#   %exec_twin  the same as %exec, and the source compiled as it is, without asyncc, must print that too
#   %asyncc_bin the executable, for tests of the command line
#   %include %lib %gcc %clang %cmake   folders and programs
import os
import platform
import subprocess
import lit.formats

tools = os.path.join(config.source_root, "test", "tools")
asyncc = os.path.join(config.build_root, "bin", "asyncc")
include = os.path.join(config.source_root, "include")

config.name = "asyncc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".c", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt", "runtime", "examples", "bench", "fuzz", "tools"]
config.test_source_root = os.path.join(config.source_root, "test")
config.test_exec_root = os.path.join(config.build_root, "test")

config.environment["ASYNCC"] = asyncc
config.environment["ASYNCC_INCLUDE"] = include
config.environment["ASYNCC_CLANG"] = config.clang
config.environment["ASYNCC_SANITIZED"] = config.sanitized_library
config.environment["LC_ALL"] = "C.UTF-8"
config.environment["PATH"] = os.pathsep.join([config.llvm_tools, tools, config.environment["PATH"]])
for name in ("ASYNCC_QUICK", "HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%asyncc_bin", asyncc),
    ("%asyncc", os.path.join(tools, "asyncc-check")),
    ("%exec_twin", os.path.join(tools, "exec") + " --twin"),
    ("%exec_err", os.path.join(tools, "exec") + " --stderr"),
    ("%exec", os.path.join(tools, "exec")),
    ("%include", include),
    ("%lib", os.path.join(config.build_root, "lib")),
    ("%build_root", config.build_root),
    ("%source_root", config.source_root),
    ("%gcc", "gcc -std=gnu11 -Wall -Wextra -Wjump-misses-init -Werror -I" + include),
    ("%clang_bin", config.clang),
    ("%clang", config.clang + " -std=gnu11 -Wall -Wextra -Werror -I" + include),
]
if "--embed-dir" in subprocess.run([config.clang, "--help"], stdout=subprocess.PIPE, text=True).stdout:
    config.available_features.add("embed")
if os.path.exists(config.sanitized_library):
    config.available_features.add("sanitizers")
config.available_features.add(platform.machine())
for program in ("gdb", "ccache", "meson", "ninja", "pkg-config", "automake", "valgrind", "dpkg-deb", "dpkg-shlibdeps", "file",
                "clang-format", "clang-tidy", "clangd", "cppcheck", "doxygen"):
    if lit.util.which(program, config.environment["PATH"]):
        config.available_features.add(program)
