// node onnx_runtime_server.mjs PACKAGE: runs models in ONNX Runtime, one after the other, for one lasting caller.
//
// Request: one line of JSON {"model": bytes, "optimization": "disabled",
//          "samples": [[{"name", "type", "shape", "bytes"}, …], …]}, then the raw model and the raw tensors in order.
// Answer:  one line of JSON {"samples": [[as above], …]} and the raw tensors, or {"error": "message"}.
import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const ort = require('onnxruntime-node');

const arrays = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bool: Uint8Array,
  int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
};

function readBytes(count) {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const got = readSync(0, bytes, done, count - done, null);
    if (got === 0) process.exit(0);
    done += got;
  }
  return bytes;
}

function readLine() {
  const line = [];
  const byte = new Uint8Array(1);
  for (;;) {
    if (readSync(0, byte, 0, 1, null) === 0) process.exit(0);
    if (byte[0] === 10) return Buffer.from(line).toString('utf8');
    line.push(byte[0]);
  }
}

function write(bytes) {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(1, bytes, done, bytes.length - done);
  }
}

async function answer(request, model, samples) {
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: request.optimization, logSeverityLevel: 4,
  });
  const described = [];
  const raw = [];
  for (const feeds of samples) {
    const results = await session.run(feeds);
    described.push(session.outputNames.map((name) => {
      const { type, dims, data } = results[name];
      raw.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return { name, type, shape: dims, bytes: data.byteLength };
    }));
  }
  await session.release();
  return [{ samples: described }, raw];
}

for (;;) {
  const request = JSON.parse(readLine());
  const model = readBytes(request.model);
  const samples = request.samples.map((sample) => Object.fromEntries(sample.map(({ name, type, shape, bytes }) => {
    const raw = readBytes(bytes);
    return [name, new ort.Tensor(type, new arrays[type](raw.buffer), shape)];
  })));
  let result;
  try {
    result = await answer(request, model, samples);
  } catch (error) {
    result = [{ error: String(error.message) }, []];
  }
  write(Buffer.from(`${JSON.stringify(result[0])}\n`));
  result[1].forEach(write);
}
