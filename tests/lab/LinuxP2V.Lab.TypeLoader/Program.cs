using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

// Loads every public type of an assembly as PowerShell does before it runs anything of the module: without the module's
// resolver, and without its dependencies beside it. The names come from the metadata, since a list of types made by the
// runtime would leave out, or stop at, those that do not load.
//   TypeLoader ASSEMBLY FOLDER-OF-POWERSHELL
var (path, powerShell) = (args[0], args[1]);
Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

// The one assembly that PowerShell itself answers for.
AppDomain.CurrentDomain.AssemblyResolve += (_, request) =>
    new AssemblyName(request.Name).Name == "System.Management.Automation"
        ? Assembly.LoadFrom(Path.Combine(powerShell, "System.Management.Automation.dll"))
        : null;
var assembly = Assembly.LoadFrom(path);
var names = ReadPublicTypes(path);
var loaded = 0;
foreach (var name in names)
{
    try
    {
        assembly.GetType(name, throwOnError: true);
        loaded++;
    }
    catch (Exception exception)
    {
        Console.WriteLine($"failed: {name}: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}");
    }
}

Console.WriteLine($"loaded: {loaded} of {names.Count}");
return loaded == names.Count ? 0 : 1;

static List<string> ReadPublicTypes(string path)
{
    using var file = new PEReader(File.OpenRead(path));
    var metadata = file.GetMetadataReader();
    var types = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition);
    return
    [
        .. types
            .Where(type => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}"),
    ];
}
