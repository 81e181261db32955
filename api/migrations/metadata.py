"""Every table of the service in one metadata: importing the table modules is what registers them."""

from __future__ import annotations

from sqlmodel import SQLModel

from agent import tables as agent_tables
from api import tables as api_tables
from discovery import tables as discovery_tables
from tools import tables as tools_tables

MODULES = (tools_tables, discovery_tables, agent_tables, api_tables)
METADATA = SQLModel.metadata
