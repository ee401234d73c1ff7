"""The library: pages in Markdown that stand beside these modules, and what makes them pages to read in a browser.

They are read, rendered and indexed once, when somebody first asks for one (`library`).
"""
