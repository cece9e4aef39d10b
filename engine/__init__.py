"""Runs bundles of BPMN, DMN, FEEL and forms on legal time. Knows nothing of social assistance."""
