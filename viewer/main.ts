/** The entry of the page: shows a run, a tree of schedules, or the report of a check. */
import type { PageData } from '../src/report/page/data.ts';
import { ReportViewer } from './report.ts';
import { TreeViewer } from './tree.ts';
import { Viewer } from './viewer.ts';

const root = document.createElement('div');
root.id = 'root';
document.body.append(root);
const { traces, tree, report, version } = JSON.parse(
  document.getElementById('data')!.textContent ?? '',
) as PageData;
if (report !== undefined) new ReportViewer(report, version, root).start();
else if (tree === undefined) new Viewer(traces, version, root).start();
else new TreeViewer(tree, version, root).start();
