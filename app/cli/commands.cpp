#include "app/cli/command.h"

namespace cli {

Command inspectCommand();
Command runCommand();
Command calibrateCommand();
Command listMethodsCommand();
Command paramsCommand();
Command importRangesCommand();
Command compareCommand();
Command exportCommand();
Command verifyCommand();
Command deviceCommand();
Command dumpCommand();
Command sessionCommand();
Command methodsCommand();
Command diagnoseCommand();
Command importCommand();
Command conformanceCommand();
Command sensitivityCommand();
Command searchCommand();
Command bisectCommand();
Command repairCommand();
Command benchmarkCommand();
Command profileCommand();
Command helpCommand();

std::vector<Command> commands()
{
    return {
        inspectCommand(),     runCommand(),          calibrateCommand(), listMethodsCommand(),
        paramsCommand(),      importRangesCommand(), compareCommand(),   exportCommand(),
        verifyCommand(),      dumpCommand(),         deviceCommand(),    sessionCommand(),
        methodsCommand(),     diagnoseCommand(),     importCommand(),    conformanceCommand(),
        sensitivityCommand(), searchCommand(),       bisectCommand(),    repairCommand(),
        benchmarkCommand(),   profileCommand(),      helpCommand(),
    };
}

} // namespace cli
