#pragma once

#include "core/diagnosis/diagnose.h"

#include <QObject>

#include <memory>

namespace app {

class RunController;

/// Diagnoses a plan off the UI thread, behind runs and previews. A run stops it.
class DiagnosisService : public QObject
{
    Q_OBJECT

public:
    explicit DiagnosisService(RunController* controller, QObject* parent = nullptr);

    void start(std::shared_ptr<const core::QuantizationPlan> plan);
    void cancel();
    [[nodiscard]] bool isBusy() const { return m_busy; }

signals:
    void ready(std::shared_ptr<const core::Diagnosis> diagnosis);
    void progressed(const core::Progress& progress);
    void busyChanged(bool busy);
    void failed(const QString& message);

private:
    void setBusy(bool busy);

    RunController* m_controller;
    std::uint64_t m_newest = 0; // answers of older ones are dropped
    bool m_busy = false;
};

} // namespace app
