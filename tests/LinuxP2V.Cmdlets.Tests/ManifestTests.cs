using System.Collections;
using System.Management.Automation;
using System.Reflection;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class ManifestTests(TestShell shell) : IClassFixture<TestShell>
{
    private static readonly HashSet<string> s_common =
        [.. PSCmdlet.CommonParameters, .. PSCmdlet.OptionalCommonParameters, "WhatIf", "Confirm"];

    public static TheoryData<string> CmdletNames => [.. CmdletTypes.Select(NameOf).Order()];

    private static IEnumerable<Type> CmdletTypes =>
        typeof(P2VCmdlet).Assembly.GetTypes().Where(t => t.GetCustomAttribute<CmdletAttribute>() is not null);

    [Fact]
    public void TheManifestExportsWhatTheAssemblyHas()
    {
        var exported = shell.Run("(Get-Module LinuxP2V).ExportedCmdlets.Keys").Output.Select(o => o.ToString()).Order();
        Assert.Equal(CmdletTypes.Select(NameOf).Order(), exported);
        Assert.All(CmdletTypes, t => Assert.True(t.IsSealed && t.Name == NameOf(t).Replace("-", "", StringComparison.Ordinal) + "Command"));
    }

    [Fact]
    public void TheManifestHasTheBuildsVersion()
    {
        var built = typeof(P2VCmdlet).Assembly.GetName().Version!.ToString(3);
        Assert.Equal(built, shell.Run("[string](Get-Module LinuxP2V).Version").Single<string>());
        Assert.NotEqual("0.0.0", built);
    }

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
        var outputs = typeof(P2VTask).Assembly.GetExportedTypes().Where(t => t is { Namespace: "LinuxP2V.Cmdlets", IsClass: true });
        Assert.All(outputs, t =>
        {
            Assert.Contains($"<TypeName>{t.FullName}</TypeName>", views, StringComparison.Ordinal);
            Assert.True(t.IsSealed);
            Assert.Equal(t, t.GetMethod("ToString", Type.EmptyTypes)!.DeclaringType);
        });
    }

    [Theory]
    [MemberData(nameof(CmdletNames))]
    public void EveryCmdletAndParameterHasItsPage(string name)
    {
        var file = Path.Combine(Staged.HelpFolder, name + ".md");
        Assert.True(File.Exists(file), file);
        var page = File.ReadAllText(file);
        Assert.All(["## SYNOPSIS", "## SYNTAX", "## DESCRIPTION", "## EXAMPLES", "## PARAMETERS"], h => Assert.Contains(h, page, StringComparison.Ordinal));
        Assert.Contains("### Example 1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        var parameters = shell.Run($"(Get-Command {name}).Parameters").Output.Single().BaseObject as IDictionary;
        var expected = parameters!.Keys.Cast<string>().Where(p => !s_common.Contains(p)).Order().ToList();
        var written = page.Split('\n').Where(l => l.StartsWith("### -", StringComparison.Ordinal)).Select(l => l[5..].Trim()).Where(p => !s_common.Contains(p) && p is not "CommonParameters").Order();
        Assert.Equal(expected, written);
    }

    /// <summary>PowerShell finds no indexer in the compiler's read-only lists: [1] of one is null, and [0] the whole list.</summary>
    [Fact]
    public void EveryListOfAnOutputTypeIsAnArray()
    {
        var offenders =
            from type in typeof(P2VTask).Assembly.GetExportedTypes()
            where type.Namespace == "LinuxP2V.Cmdlets"
            from property in type.GetProperties()
            where property.PropertyType is { IsArray: false } used && used != typeof(string)
                && typeof(IEnumerable).IsAssignableFrom(used) && !typeof(IDictionary).IsAssignableFrom(used)
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
        const BindingFlags Reflected = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        static bool Seen(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;
        return [
            .. type.GetInterfaces(),
            .. type.BaseType is null ? Type.EmptyTypes : [type.BaseType],
            .. type.GetMethods(Reflected).Where(Seen).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)).SelectMany(Flat),
            .. type.GetConstructors(Reflected).Where(Seen).SelectMany(c => c.GetParameters()).SelectMany(p => Flat(p.ParameterType)),
            // A value type in a field is loaded with its class, whoever may see it.
            .. type.GetFields(Reflected).Where(f => f.IsPublic || f.FieldType.IsValueType).SelectMany(f => Flat(f.FieldType)),
        ];
    }

    private static IEnumerable<Type> Flat(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Flat).Append(type.GetGenericTypeDefinition()) : [type.HasElementType ? type.GetElementType()! : type];
}
