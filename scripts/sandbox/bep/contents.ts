/** The standing text of both documents. */
import type { DocumentKind } from './model.ts';

interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export const TITLES: Record<DocumentKind, string> = {
  bep: 'BIM Execution Plan',
  eir: 'Exchange Information Requirements',
};

export const ROLES: Readonly<Record<string, string>> = {
  appointing_party: 'Appointing party',
  lead_appointed_party: 'Lead appointed party',
  appointed_party: 'Appointed party',
  information_manager: 'Information manager',
};

export const CONTENTS: Record<DocumentKind, readonly Section[]> = {
  bep: [
    {
      title: 'Common data environment',
      paragraphs: [
        'Every information container is held in the common data environment and passes through four states: Work in Progress, Shared, Published and Archive (ISO 19650-1, clause 12).',
        'A container is named by project code, originator, functional breakdown, spatial breakdown, form, discipline and number. Revision and suitability are metadata, not part of the name.',
      ],
    },
    {
      title: 'Information delivery strategy',
      paragraphs: [
        'Each task team produces its information from its task information delivery plan; together they make up the master information delivery plan, which follows the milestones above.',
        'Before a container is shared it is checked by its task team for conformance and approved for use; before it is published the lead appointed party authorises it and the appointing party accepts it.',
      ],
    },
    {
      title: 'Responsibilities',
      paragraphs: [
        'The information manager keeps the common data environment, its access rights and this plan. The lead appointed party answers for the plan being followed by all appointed parties.',
      ],
    },
    {
      title: 'Security',
      paragraphs: [
        'Access follows the need of each role (ISO 19650-5). Credentials are personal, storage is private and encrypted at rest.',
      ],
    },
  ],
  eir: [
    {
      title: 'Purpose',
      paragraphs: [
        'These requirements say which information the appointing party needs, when, and in which form, so that it can decide at the milestones above (ISO 19650-2, clause 5.2).',
      ],
    },
    {
      title: 'Information requirements',
      paragraphs: [
        'Level of information need is stated for each deliverable by purpose, milestone and actor (ISO 7817-1): geometry, alphanumerical information and documentation.',
        'Models are delivered in open formats beside the native ones; documents as PDF/A; schedules as open spreadsheets.',
      ],
    },
    {
      title: 'Acceptance',
      paragraphs: [
        'The appointing party reviews each exchange against these requirements and answers with acceptance or with comments; what is accepted moves to Published.',
      ],
    },
  ],
};
