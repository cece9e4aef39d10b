declare module "bpmn-js-i18n-zh/lib/bpmn-js/index.js";
