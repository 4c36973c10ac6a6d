using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LinuxP2V.Cmdlets.Tests.Loading;

/// <param name="Member">Type, or type and member, as Namespace.Type.Member.</param>
/// <param name="LateType">The type that is named there.</param>
/// <param name="StopsLoading">False: the member only names it, and the type loads all the same.</param>
internal sealed record LateTypeUse(string Member, string LateType, bool StopsLoading);

/// <summary>
/// Finds where public types name a type of a late assembly: one that cannot be found yet while PowerShell analyses the
/// module, since our resolver is installed only after that.
/// </summary>
/// <remarks>
/// What a runtime resolves while it loads a type: its base type, its interfaces and constraints, the value types of its
/// fields. Windows also resolves the value types in the signatures of its virtual methods: both .NET and .NET Framework
/// compare them with equivalent types there (FEATURE_TYPEEQUIVALENCE), which .NET on Linux does not have. PowerShell
/// itself reads public properties, fields and constructors and their attributes. Method bodies, and with them closures
/// and the state machines of async methods, are resolved later. Windows looks at the outermost value type of each
/// parameter; this check also looks into arrays, references and type arguments.
/// </remarks>
internal sealed class LateTypeCheck
{
    private readonly MetadataReader metadata;
    private readonly SignatureReader signatures;
    private readonly Queue<TypeDefinitionHandle> toLoad = new();
    private readonly HashSet<TypeDefinitionHandle> loaded = [];
    private readonly Dictionary<(string Member, string LateType), bool> uses = [];

    private LateTypeCheck(MetadataReader metadata, IReadOnlySet<string> lateAssemblies)
    {
        this.metadata = metadata;
        signatures = new SignatureReader(metadata, lateAssemblies);
    }

    /// <param name="path">Of the assembly to read; it is not loaded.</param>
    /// <param name="lateAssemblies">Simple names.</param>
    public static IReadOnlyList<LateTypeUse> Run(string path, IReadOnlySet<string> lateAssemblies)
    {
        using var file = new PEReader(File.OpenRead(path));
        var check = new LateTypeCheck(file.GetMetadataReader(), lateAssemblies);
        check.ReadAll();
        return
        [
            .. check
                .uses.OrderBy(use => use.Key.Member, StringComparer.Ordinal)
                .Select(use => new LateTypeUse(use.Key.Member, use.Key.LateType, use.Value)),
        ];
    }

    /// <summary>The assemblies that an assembly names.</summary>
    public static IReadOnlyList<AssemblyName> References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(reference => metadata.GetAssemblyReference(reference).GetAssemblyName())];
    }

    private void ReadAll()
    {
        var open = metadata.TypeDefinitions.Where(IsPublic).ToList();
        foreach (var type in open)
        {
            Load(type);
            ReadNames(type);
            ReadWhatPowerShellReads(type);
        }

        while (toLoad.TryDequeue(out var type))
            ReadWhatTheRuntimeLoads(type);
    }

    private void Load(TypeDefinitionHandle type)
    {
        if (loaded.Add(type))
            toLoad.Enqueue(type);
    }

    private void ReadWhatTheRuntimeLoads(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = NameOf(handle);
        LoadAll(name, signatures.Read(type.BaseType));
        foreach (var implemented in type.GetInterfaceImplementations())
            LoadAll(name, signatures.Read(metadata.GetInterfaceImplementation(implemented).Interface));
        foreach (var parameter in type.GetGenericParameters())
        {
            foreach (var constraint in metadata.GetGenericParameter(parameter).GetConstraints())
                LoadAll(name, signatures.Read(metadata.GetGenericParameterConstraint(constraint).Type));
        }

        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
        {
            var use = field.DecodeSignature(signatures, null);
            // A constant has no place in memory, and a reference has the same size whatever it refers to.
            if (!field.Attributes.HasFlag(FieldAttributes.Literal) && use.IsValueType)
                LoadAll($"{name}.{metadata.GetString(field.Name)}", use);
        }

        foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition).Where(IsVirtual))
        {
            var signature = SignatureOf(method);
            Report($"{name}.{metadata.GetString(method.Name)}", signature.Late.Where(late => late.IsValueType), true);
            foreach (var own in signature.Own.Where(IsValueType))
                Load(own);
        }
    }

    /// <summary>Public properties, fields and constructors, and the attributes of all that is public.</summary>
    private void ReadWhatPowerShellReads(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = NameOf(handle);
        ReadAttributes(name, type.GetCustomAttributes());
        foreach (var property in type.GetProperties().Select(metadata.GetPropertyDefinition).Where(IsPublic))
        {
            var member = $"{name}.{metadata.GetString(property.Name)}";
            Report(member, SignatureReader.All(property.DecodeSignature(signatures, null)).Late, true);
            ReadAttributes(member, property.GetCustomAttributes());
        }

        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition).Where(IsPublic))
        {
            var member = $"{name}.{metadata.GetString(field.Name)}";
            Report(member, field.DecodeSignature(signatures, null).Late, true);
            ReadAttributes(member, field.GetCustomAttributes());
        }

        foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition).Where(IsPublicConstructor))
            Report($"{name}.{metadata.GetString(method.Name)}", SignatureOf(method).Late, true);
    }

    /// <summary>Whatever kind the named type is, and whoever may see the member.</summary>
    private void ReadNames(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = NameOf(handle);
        foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition).Where(IsVirtual))
            Report($"{name}.{metadata.GetString(method.Name)}", SignatureOf(method).Late, false);
        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
            Report($"{name}.{metadata.GetString(field.Name)}", field.DecodeSignature(signatures, null).Late, false);
        foreach (var property in type.GetProperties().Select(metadata.GetPropertyDefinition))
            Report(
                $"{name}.{metadata.GetString(property.Name)}",
                SignatureReader.All(property.DecodeSignature(signatures, null)).Late,
                false
            );
    }

    private void ReadAttributes(string member, CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes.Select(metadata.GetCustomAttribute))
        {
            var constructor = ConstructorOf(attribute, out var signature);
            var use = TypeUse.Join([constructor, SignatureReader.All(signature)]);
            LoadAll(member, use);
            // The values of one that cannot be loaded cannot be read either.
            if (use.Late.Count > 0)
                continue;
            var values = new AttributeReader(signatures);
            attribute.DecodeValue(values);
            LoadAll(member, TypeUse.Join(values.Types));
        }
    }

    private TypeUse ConstructorOf(CustomAttribute attribute, out MethodSignature<TypeUse> signature)
    {
        if (attribute.Constructor.Kind == HandleKind.MethodDefinition)
        {
            var method = metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor);
            signature = method.DecodeSignature(signatures, null);
            return signatures.Read(method.GetDeclaringType());
        }

        var reference = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
        signature = reference.DecodeMethodSignature(signatures, null);
        return signatures.Read(reference.Parent);
    }

    private TypeUse SignatureOf(MethodDefinition method) => SignatureReader.All(method.DecodeSignature(signatures, null));

    private void LoadAll(string member, TypeUse use)
    {
        Report(member, use.Late, true);
        foreach (var own in use.Own)
            Load(own);
    }

    private void Report(string member, IEnumerable<LateType> late, bool stopsLoading)
    {
        foreach (var type in late)
            uses[(member, type.Name)] = stopsLoading || uses.GetValueOrDefault((member, type.Name));
    }

    private string NameOf(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{NameOf(outer)}+{name}"
            : type.Namespace.IsNil ? name
            : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    private bool IsValueType(TypeDefinitionHandle handle) =>
        metadata.GetTypeDefinition(handle).BaseType is { IsNil: false, Kind: HandleKind.TypeReference } parent
        && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) is nameof(ValueType) or nameof(Enum);

    private bool IsPublic(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsPublic(type.GetDeclaringType()),
            _ => false,
        };
    }

    private bool IsPublic(PropertyDefinition property)
    {
        var accessors = property.GetAccessors();
        return new[] { accessors.Getter, accessors.Setter }.Any(a => !a.IsNil && IsPublic(metadata.GetMethodDefinition(a).Attributes));
    }

    private static bool IsPublic(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public;

    private static bool IsPublic(FieldDefinition field) => (field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public;

    private static bool IsVirtual(MethodDefinition method) => method.Attributes.HasFlag(MethodAttributes.Virtual);

    private bool IsPublicConstructor(MethodDefinition method) => IsPublic(method.Attributes) && metadata.GetString(method.Name) == ".ctor";
}
