using System.Reflection;

namespace LinuxP2V.Lab.FactsReader;

/// <summary>
/// Reads a source with the module's engine for Windows PowerShell, as that loads it: no binding redirects, and what the
/// runtime does not find is looked for in the module's folder. Prints the facts as JSON.
/// <code>FactsReader FOLDER-OF-ASSEMBLIES HOST PORT USER KEY-FILE HOST-KEY-FINGERPRINT</code>
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        AppDomain.CurrentDomain.AssemblyResolve += (_, request) =>
        {
            var path = Path.Combine(arguments[0], new AssemblyName(request.Name).Name + ".dll");
            return File.Exists(path) ? Assembly.LoadFrom(path) : null;
        };
        try
        {
            // In a class of its own: the engine must not be looked for before the line above.
            FactsPrinter.PrintAsync(arguments).GetAwaiter().GetResult();
            return 0;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            return 1;
        }
    }
}
