/** Figures in Prometheus' text format (version 0.0.4). */

export interface Metric {
  /** Without prefix; `connector_` is put before it. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export interface RequestCounter {
  count(method: string, status: number): void;
  metric(): Metric;
}

export function createRequestCounter(): RequestCounter {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>();
  return {
    count(method, status) {
      // By class of status: a label per status or path would grow without bound.
      const labels = {
        method: METHODS.has(method) ? method : 'other',
        status: `${Math.floor(status / 100)}xx`,
      };
      const key = `${labels.method} ${labels.status}`;
      const sample = counts.get(key) ?? { labels, value: 0 };
      counts.set(key, { labels, value: sample.value + 1 });
    },
    metric: () => ({
      name: 'http_requests_total',
      help: 'Requests answered since start.',
      type: 'counter',
      samples: [...counts.values()],
    }),
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function processMetrics(): readonly Metric[] {
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: [{ value }],
  });
  return [
    gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    gauge('process_uptime_seconds', 'Seconds since start.', Math.round(process.uptime())),
  ];
}

export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP connector_${name} ${help}`,
      `# TYPE connector_${name} ${type}`,
      ...samples.map(({ labels, value }) => `connector_${name}${renderLabels(labels)} ${value}`),
    ])
    .join('\n')
    .concat('\n');
}

function renderLabels(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(
    ([key, value]) => `${key}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
