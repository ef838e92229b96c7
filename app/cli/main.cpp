#include "app/cli/command_line.h"
#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/tensor/buffer_pool.h"
#include "io/files/input_files.h"
#include "io/files/temporaries.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fmt/core.h>
#include <new>
#include <string>
#include <system_error>

namespace {

int exitCodeOf(core::ErrorKind kind)
{
    return kind == core::ErrorKind::Usage ? cli::UsageError : cli::BadInput;
}

int run(int argc, char** argv)
{
    try {
        cli::watchSignals();
        return cli::runCommandLine(cli::commands(), argc, argv);
    } catch (const core::Error& error) {
        fmt::print(stderr, "noisefloor-cli: {}\n", core::printable(error.what()));
        return exitCodeOf(error.kind());
    } catch (const std::system_error& error) {
        // fmt says so when what it prints to is full or gone.
        fmt::print(stderr, "noisefloor-cli: cannot write: {}\n", error.code().message());
        return cli::BadInput;
    } catch (const std::bad_alloc&) {
        std::fputs("noisefloor-cli: not enough memory: give --threads 1, or fewer samples\n", stderr);
        return cli::BadInput;
    } catch (const std::exception& error) {
        fmt::print(stderr, "noisefloor-cli: internal error: {}\n", core::printable(error.what()));
        return cli::Internal;
    }
}

/// What was printed may still lie in a buffer, and a full disk shows only when it is emptied.
int withOutputWritten(int exitCode)
{
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        fmt::print(stderr, "noisefloor-cli: cannot write standard output: {}\n", std::strerror(errno));
        return exitCode == cli::Done ? cli::BadInput : exitCode;
    }
    return exitCode;
}

/// An allocation that fails where nothing may be thrown (a JSON value that is destroyed allocates) still ends
/// with a word, and without temporary files.
[[noreturn]] void terminated()
{
    try {
        if (const std::exception_ptr error = std::current_exception()) {
            std::rethrow_exception(error);
        }
    } catch (const std::bad_alloc&) {
        std::fputs("noisefloor-cli: not enough memory\n", stderr);
        io::removeTemporaries();
        std::_Exit(cli::BadInput);
    } catch (...) { // a fault of ours
    }
    std::abort();
}

} // namespace

int main(int argc, char** argv)
{
    std::set_terminate(terminated);
    core::keepFreedMemory();
    try {
        io::protectInputs();
        return withOutputWritten(run(argc, argv));
    } catch (const std::bad_alloc&) { // before or behind the command itself
        std::fputs("noisefloor-cli: not enough memory\n", stderr);
        return cli::BadInput;
    }
}
