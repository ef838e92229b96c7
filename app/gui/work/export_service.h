#pragma once

#include "core/plan/plan.h"
#include "io/exports/format.h"
#include "io/verify/verification.h"

#include <QObject>
#include <QString>

#include <filesystem>
#include <memory>

namespace app {

class RunController;

/// An export made but not written: what it would lose is known.
struct PreparedExport
{
    const io::ExportFormat* format = nullptr;
    io::ExportSource source;
    io::Export made;
    QString problem; ///< why it cannot be made; empty when it can
};

/// Makes, writes and verifies exports off the UI thread. The newest request wins.
class ExportService : public QObject
{
    Q_OBJECT

public:
    explicit ExportService(RunController* controller, QObject* parent = nullptr);

    void prepare(const io::ExportFormat& format, const std::filesystem::path& model,
                 std::shared_ptr<const core::QuantizationPlan> plan,
                 std::shared_ptr<const core::Report> report);
    /// Writes what was prepared last, reads it back and compares; answers with written(), then verified().
    void write(const std::filesystem::path& file);
    [[nodiscard]] const PreparedExport* prepared() const { return m_prepared.get(); }
    [[nodiscard]] bool isBusy() const;

signals:
    void ready(); ///< prepared() is what was asked for last
    void written(const QStringList& files);
    void verified(std::shared_ptr<const io::Verification> verification);
    void failed(const QString& message);

private:
    RunController* m_controller;
    std::shared_ptr<const PreparedExport> m_prepared;
};

} // namespace app
