#include "app/cli/options.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "io/files/input_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fmt/core.h>
#include <system_error>

namespace {

int exitCodeOf(core::ErrorKind kind)
{
    return kind == core::ErrorKind::Usage ? cli::UsageError : cli::BadInput;
}

int parse(CLI::App& app, int argc, char** argv, const int& exitCode)
{
    try {
        cli::watchSignals();
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error); // --help
        }
        fmt::print(stderr, "noisefloor-cli: {}\n", core::printable(error.what()));
        return cli::UsageError;
    } catch (const core::Error& error) {
        fmt::print(stderr, "noisefloor-cli: {}\n", core::printable(error.what()));
        return exitCodeOf(error.kind());
    } catch (const std::system_error& error) {
        // fmt says so when what it prints to is full or gone.
        fmt::print(stderr, "noisefloor-cli: cannot write: {}\n", error.code().message());
        return cli::BadInput;
    } catch (const std::exception& error) {
        fmt::print(stderr, "noisefloor-cli: internal error: {}\n", core::printable(error.what()));
        return cli::Internal;
    }
    return exitCode;
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

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"Finds where a neural network loses accuracy when it is quantized", "noisefloor-cli"};
    app.require_subcommand(1);
    io::protectInputs();
    int exitCode = cli::Done;
    cli::addInspect(app, exitCode);
    cli::addRun(app, exitCode);
    cli::addCalibrate(app, exitCode);
    cli::addListMethods(app, exitCode);
    cli::addImportRanges(app, exitCode);
    cli::addCompare(app, exitCode);
    cli::addExport(app, exitCode);
    cli::addVerify(app, exitCode);
    cli::addDump(app, exitCode);
    cli::addSession(app, exitCode);
    cli::addMethods(app, exitCode);
    cli::addDiagnose(app, exitCode);
    cli::addImport(app, exitCode);
    cli::addConformance(app, exitCode);
    cli::addSensitivity(app, exitCode);
    cli::addSearch(app, exitCode);
    cli::addBisect(app, exitCode);
    cli::addRepair(app, exitCode);
    cli::addHelp(app, exitCode);
    return withOutputWritten(parse(app, argc, argv, exitCode));
}
