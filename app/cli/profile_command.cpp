#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/target.h"
#include "core/base/error.h"
#include "io/plans/plan_json.h"
#include "io/plans/profile_json.h"

#include <fmt/core.h>

namespace cli {

namespace {

struct NoArguments
{
};

struct ShowProfile
{
    std::string name;
};

struct ProfileOfPlan
{
    RunOptions options;
    std::string output;
};

int list(const NoArguments&)
{
    for (const std::string& name : io::profileNames()) {
        fmt::print("{:<18}{}\n", name, io::profileOf(name).title);
    }
    return Done;
}

int show(const ShowProfile& command)
{
    (void)io::profileOf(command.name); // a file that is none is not shown as one
    fmt::print("{}", io::profileText(command.name));
    return Done;
}

const std::string& neededProfile(const ProfileOfPlan& command)
{
    if (command.options.profile.empty()) {
        throw core::Error(core::ErrorKind::Usage,
                          "profile: --profile is needed; profile list names those there are");
    }
    return command.options.profile;
}

int check(const ProfileOfPlan& command)
{
    const core::TargetProfile profile = io::profileOf(neededProfile(command));
    RunOptions options = command.options;
    options.profile.clear();
    const auto asked = planOf(options);
    const app::Project project = openProject(options);
    const std::size_t breaches = sayBreaches(project, profile, *boundTo(project, options, asked));
    if (!command.options.quiet) {
        for (const std::string& note : profile.notes) {
            fmt::print("note: {}\n", note);
        }
        fmt::print("{} setting{} that {} does not take\n", breaches, breaches == 1 ? "" : "s", profile.name);
    }
    return breaches == 0 ? Done : CheckFailed;
}

int fit(const ProfileOfPlan& command)
{
    (void)neededProfile(command);
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    writeOutput(command.options, command.output, io::planToJson(*plan) + "\n");
    return Done;
}

void addNothing(Options&, NoArguments&) { }

void addName(Options& options, ShowProfile& command)
{
    options.value("name", &command.name, "A name of profile list, or a file").required();
}

void addPlanOfTarget(Options& options, ProfileOfPlan& command) { addRunOptions(options, command.options); }

void addFit(Options& options, ProfileOfPlan& command)
{
    addRunOptions(options, command.options);
    addOutput(options, command.options, "--output", command.output,
              "Write the plan that the target takes (.json)")
        .required();
}

} // namespace

Command profileCommand()
{
    Command command{"profile", "What a deployment target can run, and whether a plan stays inside", {}, {}};
    command.subjects = {
        makeCommand<NoArguments>("list", "The targets that are known", addNothing, list),
        makeCommand<ShowProfile>("show", "The rules of a target, with their sources", addName, show),
        makeCommand<ProfileOfPlan>("check",
                                   "What of a plan a target does not take; exit code 1 if there is any",
                                   addPlanOfTarget, check),
        makeCommand<ProfileOfPlan>("fit", "The plan brought to what a target takes", addFit, fit),
    };
    return command;
}

} // namespace cli
