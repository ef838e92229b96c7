// node peer.mjs REQUEST.json: ONNX Runtime in a process of its own, run on demand.
//
// Request: {"package": folder with node_modules, "model": file, "inputs": [{"name", "shape", "offset"}],
//           "data": file of the inputs' float32 bytes, "result": file}
// Runs once, writes the first output's float32 bytes to the result file and "ready" to stdout; then answers every
// line on stdin with {"wallMs", "cpuMs"} of one more run.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const request = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const require = createRequire(join(request.package, 'package.json'));
const ort = require('onnxruntime-node');
const session = await ort.InferenceSession.create(request.model, {
  intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all', logSeverityLevel: 3,
});
const data = readFileSync(request.data);
const feeds = {};
for (const { name, shape, offset } of request.inputs) {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(data.buffer.slice(data.byteOffset + offset, data.byteOffset + offset + 4 * count));
  feeds[name] = new ort.Tensor('float32', values, shape);
}
const first = await session.run(feeds);
const output = first[session.outputNames[0]].data;
writeFileSync(request.result, new Uint8Array(output.buffer, output.byteOffset, output.byteLength));
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'quit') {
    break;
  }
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  await session.run(feeds);
  const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
  const used = process.cpuUsage(cpu);
  console.log(JSON.stringify({ wallMs, cpuMs: (used.user + used.system) / 1e3 }));
}
