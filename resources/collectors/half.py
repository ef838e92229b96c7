"""An example of a calibration command: half of the range of the data."""
import json
import sys

statistics = json.load(sys.stdin)
json.dump({"range": [0.5 * min(statistics["min"], 0.0), 0.5 * max(statistics["max"], 0.0)]}, sys.stdout)
