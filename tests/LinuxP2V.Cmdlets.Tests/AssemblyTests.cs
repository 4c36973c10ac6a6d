using System.Collections;
using System.Management.Automation;
using System.Reflection;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>
/// What every cmdlet and every output type has in common. tests/Pester asks the packaged module for its manifest and
/// help.
/// </summary>
public sealed class AssemblyTests
{
    private static IEnumerable<Type> CmdletTypes =>
        typeof(P2VCmdlet).Assembly.GetTypes().Where(t => t.GetCustomAttribute<CmdletAttribute>() is not null);

    [Fact]
    public void EveryCmdletIsSealedAndNamedAfterItsCommand() =>
        Assert.All(CmdletTypes, t => Assert.True(t.IsSealed && t.Name == NameOf(t).Replace("-", "", StringComparison.Ordinal) + "Command"));

    [Fact]
    public void NothingPublicNamesAnEngineType()
    {
        var offenders =
            from type in typeof(P2VCmdlet).Assembly.GetExportedTypes()
            from used in TypesOf(type)
            where used.Assembly.GetName().Name is "LinuxP2V.Engine" or "LinuxP2V.Protocol"
            select $"{type.Name}: {used.Name}";
        Assert.Empty(offenders);
    }

    [Fact]
    public void EveryOutputTypeHasAView()
    {
        var views = File.ReadAllText(Path.Combine(Staged.ModuleFolder, "LinuxP2V.Format.ps1xml"));
        var outputs = typeof(P2VTask)
            .Assembly.GetExportedTypes()
            .Where(t => t is { Namespace: "LinuxP2V.Cmdlets", IsClass: true } && !typeof(Exception).IsAssignableFrom(t));
        Assert.All(
            outputs,
            t =>
            {
                Assert.Contains($"<TypeName>{t.FullName}</TypeName>", views, StringComparison.Ordinal);
                Assert.True(t.IsSealed);
                Assert.Equal(t, t.GetMethod("ToString", Type.EmptyTypes)!.DeclaringType);
            }
        );
    }

    /// <summary>PowerShell finds no indexer in the compiler's read-only lists: [1] of one is null, and [0] the whole list.</summary>
    [Fact]
    public void EveryListOfAnOutputTypeIsAnArray()
    {
        var offenders =
            from type in typeof(P2VTask).Assembly.GetExportedTypes()
            where type.Namespace == "LinuxP2V.Cmdlets"
            from property in type.GetProperties()
            where
                property.PropertyType is { IsArray: false } used
                && used != typeof(string)
                && typeof(IEnumerable).IsAssignableFrom(used)
                && !typeof(IDictionary).IsAssignableFrom(used)
            select $"{type.Name}.{property.Name}: {property.PropertyType.Name}";
        Assert.Empty(offenders);
    }

    private static string NameOf(Type type)
    {
        var cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        return $"{cmdlet.VerbName}-{cmdlet.NounName}";
    }

    private static IEnumerable<Type> TypesOf(Type type)
    {
        const BindingFlags Reflected =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        static bool Seen(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;
        return
        [
            .. type.GetInterfaces(),
            .. type.BaseType is null ? Type.EmptyTypes : [type.BaseType],
            .. type.GetMethods(Reflected)
                .Where(Seen)
                .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType))
                .SelectMany(Flat),
            .. type.GetConstructors(Reflected).Where(Seen).SelectMany(c => c.GetParameters()).SelectMany(p => Flat(p.ParameterType)),
            // A value type in a field is loaded with its class, whoever may see it.
            .. type.GetFields(Reflected).Where(f => f.IsPublic || f.FieldType.IsValueType).SelectMany(f => Flat(f.FieldType)),
        ];
    }

    private static IEnumerable<Type> Flat(Type type) =>
        type.IsGenericType
            ? type.GetGenericArguments().SelectMany(Flat).Append(type.GetGenericTypeDefinition())
            : [type.HasElementType ? type.GetElementType()! : type];
}
