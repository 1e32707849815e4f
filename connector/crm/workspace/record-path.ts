/** Path of a record's page in Odoo's web client; since 18 a model without a dot in its name needs a mark before it. */
export const recordPath = ({ major, model, id }: { major: number; model: string; id: number }): string =>
  major >= 18
    ? `/odoo/${model.includes('.') ? model : `m-${model}`}/${id}`
    : `/web#id=${id}&model=${model}&view_type=form`;
