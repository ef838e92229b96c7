// node run.mjs REQUEST.json: runs a model in ONNX Runtime on many samples, one session for all of them.
//
// Request: {"package": folder with node_modules, "model": file, "threads": 1, "optimization": "all",
//           "outputs": [names] (left out: all of them), "data": file of the inputs' raw bytes,
//           "samples": [{"NAME": {"type": "float32", "shape": [1,3], "offset": 0}, …}, …],
//           "result": path without extension}
// Answer: RESULT.bin with the outputs' raw bytes, RESULT.json with {"version", "samples": as above}.
// To see an inner tensor, make it a graph output of the model first: ONNX Runtime returns nothing else.
import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const arrays = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bool: Uint8Array,
  int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
};

function readTensor(ort, file, { type, shape, offset }) {
  const values = new arrays[type](shape.reduce((a, b) => a * b, 1));
  const bytes = new Uint8Array(values.buffer);
  if (bytes.length > 0 && readSync(file, bytes, 0, bytes.length, offset) !== bytes.length) {
    throw new Error('the data file is shorter than the request says');
  }
  return new ort.Tensor(type, values, shape);
}

function bytesOf(tensor) {
  const { data } = tensor;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function main(requestFile) {
  const request = JSON.parse(readFileSync(requestFile, 'utf8'));
  const require = createRequire(join(request.package, 'package.json'));
  const ort = require('onnxruntime-node');
  const session = await ort.InferenceSession.create(request.model, {
    intraOpNumThreads: request.threads ?? 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: request.optimization ?? 'all',
    logSeverityLevel: 3,
  });
  const outputs = request.outputs ?? session.outputNames;
  const input = openSync(request.data, 'r');
  const output = openSync(`${request.result}.bin`, 'w');
  const samples = [];
  let offset = 0;
  for (const sample of request.samples) {
    const feeds = {};
    for (const [name, description] of Object.entries(sample)) {
      feeds[name] = readTensor(ort, input, description);
    }
    const results = await session.run(feeds, outputs);
    const answer = {};
    for (const name of outputs) {
      const bytes = bytesOf(results[name]);
      answer[name] = { type: results[name].type, shape: results[name].dims, offset };
      writeSync(output, bytes);
      offset += bytes.length;
    }
    samples.push(answer);
  }
  closeSync(input);
  closeSync(output);
  const { version } = require('onnxruntime-node/package.json');
  writeFileSync(`${request.result}.json`, JSON.stringify({ version, samples }));
}

if (process.argv.length !== 3) {
  console.error('usage: node run.mjs REQUEST.json');
  process.exit(2);
}
main(process.argv[2]).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
