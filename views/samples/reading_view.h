#pragma once

#include "core/session/sample_reading.h"

#include <QWidget>

#include <memory>

class QLabel;

namespace views {

/// What FP32 and int8 say of one sample: boxes on the picture, text beside text, what masks differ in.
class ReadingView : public QWidget
{
    Q_OBJECT

public:
    explicit ReadingView(QWidget* parent = nullptr);

    /// `name` of the sample and why it is shown.
    void setReading(std::shared_ptr<const core::SampleReading> reading, const QString& name);
    void setMessage(const QString& message); ///< instead of one

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void draw();

    QLabel* m_title;
    QLabel* m_picture;
    QLabel* m_text;
    std::shared_ptr<const core::SampleReading> m_reading;
};

} // namespace views
