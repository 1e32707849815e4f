/** The part of backblaze-b2 1.7.1 that is used; the package brings no types. */
declare module 'backblaze-b2' {
  interface Override {
    readonly axiosOverride?: Readonly<Record<string, unknown>>;
  }
  interface Answer {
    readonly data: unknown;
  }
  export default class B2 {
    constructor(options: {
      applicationKeyId: string;
      applicationKey: string;
      axios?: Readonly<Record<string, unknown>>;
      retry?: { readonly retries: number };
    });
    accountId: string | undefined;
    apiUrl: string | null | undefined;
    authorize(args: Override): Promise<Answer>;
    listBuckets(args: Override): Promise<Answer>;
    getBucket(args: Override & { bucketName: string }): Promise<Answer>;
    createBucket(args: Override & { bucketName: string; bucketType: string }): Promise<Answer>;
    updateBucket(args: Override & { bucketId: string; bucketType: string }): Promise<Answer>;
    deleteBucket(args: Override & { bucketId: string }): Promise<Answer>;
    listFileVersions(args: Override & { bucketId: string }): Promise<Answer>;
    deleteFileVersion(args: Override & { fileId: string; fileName: string }): Promise<Answer>;
    cancelLargeFile(args: Override & { fileId: string }): Promise<Answer>;
    getUploadUrl(args: Override & { bucketId: string }): Promise<Answer>;
    uploadFile(
      args: Override & {
        uploadUrl: string;
        uploadAuthToken: string;
        fileName: string;
        data: Uint8Array;
        hash: string;
        mime: string;
      },
    ): Promise<Answer>;
    listFileNames(
      args: Override & { bucketId: string; startFileName: string; maxFileCount: number; prefix: string },
    ): Promise<Answer>;
    createKey(
      args: Override & {
        capabilities: readonly string[];
        keyName: string;
        bucketId: string;
        namePrefix?: string;
      },
    ): Promise<Answer>;
    listKeys(args: Override & { maxKeyCount: number; startApplicationKeyId?: string }): Promise<Answer>;
    deleteKey(args: Override & { applicationKeyId: string }): Promise<Answer>;
  }
}
