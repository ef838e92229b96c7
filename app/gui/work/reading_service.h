#pragma once

#include "app/gui/work/run_controller.h"
#include "core/session/sample_reading.h"

#include <QObject>

#include <memory>
#include <optional>
#include <utility>

namespace app {

/// What both pipelines say of a sample, off the UI thread, behind the tensors that were asked for.
class ReadingService : public QObject
{
    Q_OBJECT

public:
    explicit ReadingService(RunController* controller, QObject* parent = nullptr);

    void want(std::shared_ptr<const core::QuantizationPlan> plan, std::size_t item); ///< the newest counts

signals:
    void ready(std::shared_ptr<const core::SampleReading> reading);
    void failed(const QString& problem);

private:
    void start();

    RunController* m_controller;
    std::optional<std::pair<std::shared_ptr<const core::QuantizationPlan>, std::size_t>> m_wanted;
};

} // namespace app
