// The most recently used blobs, up to a number of bytes.

export class BlobCache {
  constructor(maxBytes) {
    this.maxBytes = maxBytes;
    this.bytes = 0;
    this.blobs = new Map(); // A Map keeps the order of insertion.
  }

  get(key) {
    const blob = this.blobs.get(key);
    if (blob) {
      this.blobs.delete(key);
      this.blobs.set(key, blob);
    }
    return blob;
  }

  set(key, blob) {
    this.bytes += blob.size - (this.blobs.get(key)?.size ?? 0);
    this.blobs.delete(key);
    this.blobs.set(key, blob);
    for (const [oldest, old] of this.blobs) {
      if (this.bytes <= this.maxBytes) break;
      this.blobs.delete(oldest);
      this.bytes -= old.size;
    }
  }
}
