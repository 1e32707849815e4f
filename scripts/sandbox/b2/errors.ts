/** Backblaze's error shape: `{status, code, message}` ("Native API Error Handling and Status Codes"). */
export class B2Error extends Error {
  override readonly name = 'B2Error';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (message: string) => new B2Error(400, 'bad_request', message);
export const unauthorized = (message: string) => new B2Error(401, 'unauthorized', message);
export const noBucket = (bucketId: string) =>
  new B2Error(400, 'bad_bucket_id', `Bucket does not exist: ${bucketId}`);
export const notFound = (what: string) => new B2Error(404, 'not_found', `${what} not found`);
