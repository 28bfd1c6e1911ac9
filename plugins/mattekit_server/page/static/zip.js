// A ZIP archive of files that are compressed already: stored as they are, names in UTF-8.

const CRC = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** Make an archive of [{name, blob}]; every name is there once. */
export async function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, blob } of unique(files)) {
    const data = new Uint8Array(await blob.arrayBuffer());
    const title = new TextEncoder().encode(name);
    const facts = [crc(data), data.length, data.length];
    const local = record(0x04034b50, [20], facts, title.length);
    parts.push(local, title, blob);
    directory.push(central(facts, title.length, offset), title);
    offset += local.length + title.length + data.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, length, true);
  end.setUint32(16, offset, true);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Give files of the same name different ones. */
export function unique(files) {
  const seen = new Map();
  return files.map(({ name, blob }) => {
    const count = (seen.get(name.toLowerCase()) ?? 0) + 1;
    seen.set(name.toLowerCase(), count);
    if (count === 1) return { name, blob };
    const dot = name.lastIndexOf(".");
    return { name: `${name.slice(0, dot)} (${count})${name.slice(dot)}`, blob };
  });
}

// 0x0800: the name is UTF-8; method 0: stored; the date is that of 1 January 1980.
function record(signature, versions, [check, packed, plain], nameLength) {
  const view = new DataView(new ArrayBuffer(4 + 2 * versions.length + 24));
  view.setUint32(0, signature, true);
  versions.forEach((version, index) => view.setUint16(4 + 2 * index, version, true));
  const start = 4 + 2 * versions.length;
  view.setUint16(start, 0x0800, true);
  view.setUint16(start + 6, 0x21, true);
  view.setUint32(start + 8, check, true);
  view.setUint32(start + 12, packed, true);
  view.setUint32(start + 16, plain, true);
  view.setUint16(start + 20, nameLength, true);
  return new Uint8Array(view.buffer);
}

function central(facts, nameLength, offset) {
  const head = record(0x02014b50, [20, 20], facts, nameLength);
  const view = new DataView(new ArrayBuffer(46));
  new Uint8Array(view.buffer).set(head);
  view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

function crc(data) {
  let value = ~0;
  for (const byte of data) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}
