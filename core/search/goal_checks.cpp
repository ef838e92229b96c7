#include "core/search/goal_checks.h"

#include "core/base/error.h"

namespace core {

void refuseGoalWithoutMeasure(const SearchGoal& goal, const PreparedNetwork& network, const Session& session)
{
    if (network.outputs.empty()) {
        throw Error(ErrorKind::Usage,
                    "search: the model has no float output that is computed from its inputs: nothing tells "
                    "a good plan from a bad one");
    }
    if (goal.top1Drop && !session.data().evaluation->hasLabels()) {
        throw Error(ErrorKind::Usage,
                    "search: a target of top-1 needs labels: give data with labels or a target of SQNR");
    }
    if (goal.metricDrop && !session.data().metric) {
        throw Error(ErrorKind::Usage,
                    "search: a target of a metric needs one: set \"metric\" in the data description");
    }
}

} // namespace core
