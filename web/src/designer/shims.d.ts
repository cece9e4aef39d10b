declare module "bpmn-js-i18n-zh";
