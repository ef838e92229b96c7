#pragma once

#include "app/gui/window/main_window.h"
#include "app/gui/work/comparison_service.h"
#include "app/gui/work/diagnosis_service.h"
#include "app/gui/work/search_service.h"
#include "app/gui/work/sensitivity_service.h"
#include "tests/support/shared_files.h"

#include <QSignalSpy>

#include <gtest/gtest.h>

namespace support {

/// The real window on the built-in sample.
class Window : public ::testing::Test
{
protected:
    app::MainWindow window{app::MainWindow::Layout::Default};

    void open()
    {
        window.controller()->setSensitivitySamples(1);
        window.resize(1400, 900);
        window.show();
        window.openProject(projectFile("resources/sample/digits.onnx"),
                           projectFile("resources/sample/sample.data.json"));
        waitUntilIdle();
        ASSERT_TRUE(window.workspace()->results());
    }

    /// The run is done and every dock in view shows it.
    void waitUntilIdle()
    {
        QSignalSpy busy(window.controller(), &app::RunController::busyChanged);
        while (window.controller()->isBusy() && busy.wait(120000)) { }
        ASSERT_FALSE(window.controller()->isBusy());
        QSignalSpy delivered(window.delivery(), &app::Delivery::delivered);
        while (window.delivery()->isPending() && delivered.wait(10000)) { }
    }
};

} // namespace support
