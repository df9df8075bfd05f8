/**
 * Builds an image and pushes it: `push-image.ts HOST REPOSITORY SHAPE SEED`. A process of its own,
 * because starting one from a process that holds a gigabyte takes as long as what is measured.
 */
import { pushTo } from "../support/registry.ts";
import { fourLayerImage, manyFilesImage } from "./bench-images.ts";

const [host = "", repository = "", shape, seed] = process.argv.slice(2);
const build = shape === "many-files" ? manyFilesImage : fourLayerImage;
const image = build(Number(seed));
const reference = await pushTo(host).push(repository, "latest", image);
const sent = image.layers.reduce((sum, layer) => sum + layer.bytes.length, 0);
const unpacked = image.layers.reduce((sum, layer) => sum + layer.tar.length, 0);
process.stdout.write(JSON.stringify({ reference, sent, unpacked }));
