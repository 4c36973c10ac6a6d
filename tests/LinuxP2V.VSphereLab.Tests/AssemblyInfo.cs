[assembly: AssemblyTrait("Area", "vSphere")]
