/** Our own styles and scripts: files, so that pages need no inline code. */
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

export function assetsRouter(): Router {
  const folder = fileURLToPath(new URL('./assets/', import.meta.url));
  const files = express.static(folder, {
    index: false,
    redirect: false,
    etag: true,
    setHeaders: (res) => {
      res.setHeader('Cache-Control', 'public, max-age=300');
    },
  });
  return Router().use('/assets', files);
}
