#pragma once

#include "app/gui/work/data_preview_service.h"

#include <QDialog>

class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace views {
class ChannelHistogram;
}

namespace app {

class PreprocessForm;

/// Chooses the data and shows what the network is given: one sample after preprocessing as a picture with a
/// histogram per channel, live while the preprocessing is edited. Edited descriptions are saved as a file
/// before they are used, so that the command line finds the same.
class DataDialog : public QDialog
{
    Q_OBJECT

public:
    DataDialog(DataPreviewService::Request start, QWidget* parent = nullptr);

    [[nodiscard]] std::filesystem::path data() const { return m_request.data; } ///< empty: synthetic input
    [[nodiscard]] bool isBusy() const { return m_service.isBusy(); }
    void setData(const std::filesystem::path& data);
    /// Writes the description as edited and goes on with that file; false with a message when it cannot be
    /// written.
    bool save(const std::filesystem::path& file);

signals:
    void previewed(); ///< the newest request is shown

private:
    void browseFile();
    [[nodiscard]] QString startFolder() const; ///< of the data, else of the model
    void browseFolder();
    void edit();
    void refresh();
    void showPreview(const DataPreview& preview);
    void showInput();
    void accept() override;

    DataPreviewService::Request m_request;
    std::shared_ptr<const DataPreview> m_preview;
    bool m_edited = false;
    QLineEdit* m_path;
    PreprocessForm* m_form;
    QSpinBox* m_sample;
    QLabel* m_picture;
    QLabel* m_numbers;
    QLabel* m_message;
    views::ChannelHistogram* m_histogram;
    QPushButton* m_use;
    DataPreviewService m_service; // last: joins before the rest is destroyed
};

} // namespace app
