#pragma once

#include "core/report/results.h"
#include "core/session/sample_reading.h"
#include "core/tensor/dataset.h"
#include "views/base/jobs.h"
#include "views/base/panel.h"
#include "views/base/thumbnails.h"

#include <memory>
#include <optional>

class QLabel;

namespace views {

class ReadingView;
class Selection;
class ValueTable;

/// Every evaluation sample: what both pipelines predict, how far the output is off, how far the selected
/// operator is. With a metric also what both pipelines say of the selected sample, else of the one that lost
/// most.
class SamplesView : public Panel
{
    Q_OBJECT

public:
    explicit SamplesView(Selection* selection, QWidget* parent = nullptr);

    void setDataset(std::shared_ptr<const core::Dataset> dataset) override;
    void setResults(std::shared_ptr<const core::Results> results) override;
    void setStale(bool stale) override;
    [[nodiscard]] bool isBusy() const override { return m_awaited.has_value(); }
    void setReading(const std::shared_ptr<const core::SampleReading>& reading);
    void setReadingProblem(const QString& problem);

signals:
    void readingWanted(std::size_t item);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh(); ///< only while it can be seen: thousands of cells would hold up the others
    void showPicture();
    void showThumbnails();
    void askForReading(); ///< only while it can be seen
    [[nodiscard]] std::size_t readItem() const; ///< the selected one, else the one that lost most
    [[nodiscard]] QString readTitle(std::size_t item) const;

    Selection* m_selection;
    ValueTable* m_table;
    Thumbnails m_thumbnails;
    ReadingView* m_reading;
    std::optional<std::size_t> m_shown; ///< item whose reading is shown
    std::optional<std::size_t> m_awaited; ///< item whose reading is on its way
    QLabel* m_picture;
    QLabel* m_summary;
    std::shared_ptr<const core::Dataset> m_dataset;
    std::shared_ptr<const core::Results> m_results;
    Jobs m_jobs; // last: joins before the rest is destroyed; reads pictures
};

} // namespace views
