#include "app/cli/options.h"
#include "core/base/error.h"
#include "core/base/printable.h"

#include <exception>
#include <fmt/core.h>

namespace {

int exitCodeOf(core::ErrorKind kind)
{
    return kind == core::ErrorKind::Usage ? cli::UsageError : cli::BadInput;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"Finds where a neural network loses accuracy when it is quantized", "noisefloor-cli"};
    app.require_subcommand(1);
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
    try {
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
    } catch (const std::exception& error) {
        fmt::print(stderr, "noisefloor-cli: internal error: {}\n", core::printable(error.what()));
        return cli::Internal;
    }
    return exitCode;
}
