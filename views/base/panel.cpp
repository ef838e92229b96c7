#include "views/base/panel.h"

namespace views {

void Panel::setResults(std::shared_ptr<const core::Results> /*results*/) { }

void Panel::setPlan(std::shared_ptr<const core::QuantizationPlan> /*plan*/) { }

void Panel::setStale(bool /*stale*/) { }

void Panel::setBaseline(std::shared_ptr<const core::Results> /*baseline*/) { }

void Panel::setRuns(const std::vector<RunRecord>& /*runs*/) { }

void Panel::setDataset(std::shared_ptr<const core::Dataset> /*dataset*/) { }

void Panel::setTensors(core::OperatorId /*op*/, std::size_t /*sample*/,
                       const std::shared_ptr<const core::SampleTensors>& /*tensors*/)
{
}

bool Panel::isBusy() const { return false; }

} // namespace views
