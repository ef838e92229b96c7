#pragma once

#include "core/report/results.h"
#include "core/tensor/dataset.h"
#include "views/base/jobs.h"
#include "views/base/panel.h"
#include "views/base/thumbnails.h"

class QLabel;

namespace views {

class Selection;
class ValueTable;

/// Every evaluation sample: what both pipelines predict, how far the output is off, how far the selected
/// operator is.
class SamplesView : public Panel
{
    Q_OBJECT

public:
    explicit SamplesView(Selection* selection, QWidget* parent = nullptr);

    void setDataset(std::shared_ptr<const core::Dataset> dataset) override;
    void setResults(std::shared_ptr<const core::Results> results) override;
    void setStale(bool stale) override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh(); ///< only while it can be seen: thousands of cells would hold up the others
    void showPicture();
    void showThumbnails();

    Selection* m_selection;
    ValueTable* m_table;
    Thumbnails m_thumbnails;
    QLabel* m_picture;
    QLabel* m_summary;
    std::shared_ptr<const core::Dataset> m_dataset;
    std::shared_ptr<const core::Results> m_results;
    Jobs m_jobs; // last: joins before the rest is destroyed; reads pictures
};

} // namespace views
