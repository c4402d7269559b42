"""The run as LangGraph graphs: a setup graph for the plan, a scene graph for each scene, integration at the end."""
