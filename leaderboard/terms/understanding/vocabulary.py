"""The words by which people name what lists of the exchange hold: key → pattern of Chinese and English words.

Patterns are for small letters. English words are taken whole; a plural s may follow them.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Patterns = Mapping[str, re.Pattern[str]]


def _table(words: Mapping[str, tuple[str, str]]) -> Patterns:
    return MappingProxyType(
        {
            key: re.compile(rf"(?<![a-z])(?:{english})(?:e?s)?(?![a-z])|{chinese}")
            for key, (english, chinese) in words.items()
        }
    )


SECTORS: Final = _table(
    {
        "scientific-research": (
            "scientific research|protein|materials? science|genom(?:e|ic)",
            "科学研究|科研数据|蛋白质|材料科学|基因",
        ),
        "manufacturing": (
            "manufacturing|manufacturer|factor(?:y|ie)|production line|machine tool",
            "制造|工厂|产线|工业质检|机床",
        ),
        "agriculture": ("agricultur(?:e|al)|farm|farming|crop|pest|orchard", "农业|农作物|病虫害|种植|果园"),
        "energy": (
            "energy|power grid|power line|electricity|wind turbine|solar|photovoltaic|transformer station",
            "能源|电力|电网|光伏|风电|输电|变电",
        ),
        "transport": (
            "transport|traffic|vehicle|autonomous driving|railway|logistics|driving|shipping",
            "交通|车辆|自动驾驶|物流|铁路|航运",
        ),
        "finance": ("financ(?:e|ial)|bank|banking|insurance|credit|loan|fraud", "金融|银行|保险|信贷|风控|贷款|反欺诈"),
        "healthcare": (
            "health ?care|medical|hospital|clinical|patient|radiology|x-ray|disease",
            "医疗|医院|临床|患者|病历|医学|诊断",
        ),
        "education": ("education|school|student|teaching|exam", "教育|学校|学生|教学|考试"),
        "commerce": (
            "commerce|e-commerce|retail|shop|shopping|product review|customer review",
            "电商|零售|商品|购物|商贸",
        ),
        "human-resources": ("human resources|resume|recruitment|job posting", "人力资源|简历|招聘信息|岗位"),
        "culture-tourism": ("tourism|museum|cultural heritage|hotel", "文旅|旅游|文化|博物馆|酒店"),
        "emergency-management": ("emergency|disaster|flood|wildfire|earthquake", "应急|灾害|火灾|洪水|地震"),
        "meteorology": ("weather|meteorolog(?:y|ical)|rainfall|typhoon", "气象|天气|降雨|台风"),
        "green-low-carbon": ("carbon|emission|low-carbon|recycling", "低碳|碳排放|环保|双碳"),
        "public-safety": ("public safety|surveillance|policing", "公共安全|安防|治安"),
        "urban-governance": ("urban governance|smart city|city management|municipal", "城市治理|城管|市政|智慧城市"),
        "low-altitude-economy": ("low-altitude|drone|uav", "低空|无人机"),
        "industrial-internet": ("industrial internet|iot|internet of things", "工业互联网|物联网"),
    }
)

TASKS: Final = _table(
    {
        "anomaly-detection": (
            "anomaly detection|(?:fault|defect|fraud) detection|detect(?:ing)? (?:faults?|defects?|anomalies|fraud)",
            "异常检测|故障检测|缺陷检测|故障诊断|反欺诈",
        ),
        "forecasting": ("forecast|forecasting|load prediction", "负荷预测|销量预测|预报|预测"),
        "regression": ("regression", "回归"),
        "image-classification": ("image classification|classify(?:ing)? images", "图像分类|图片分类"),
        "text-classification": (
            "text classification|sentiment(?: analysis)?|intent recognition|topic classification",
            "文本分类|情感分析|意图识别",
        ),
        "audio-classification": ("audio classification|sound classification", "音频分类|声音分类"),
        "video-classification": ("video classification|action recognition", "视频分类|行为识别"),
        "recommendation": ("recommendation|recommender", "推荐"),
        "retrieval": ("retrieval|search engine|question answering", "检索|问答|搜索"),
        "ranking": ("learning to rank", "排序"),
        "binary-classification": ("binary classification|churn(?: prediction)?", "二分类|流失预警"),
        "multiclass-classification": ("multi-?class classification", "多分类"),
        "ordinal-classification": ("ordinal classification", "有序分类"),
    }
)

MODALITIES: Final = _table(
    {
        "table": ("tabular|table|structured|spreadsheet|csv", "表格|(?<!非)结构化"),
        "time-series": ("time[- ]series|sensor (?:data|reading)|telemetry", "时间序列|时序|传感器数据"),
        "text": (
            "text|document|review|corpus|corpora|article|transcript|conversation|dialogue|medical record|news",
            "文本|语料|评论|文章|文档|病历|对话|新闻|合同",
        ),
        "image": ("image|photo|picture|x-ray|scan|photograph", "图像|图片|影像|照片|x光片"),
        "audio": ("audio|speech|voice|sound|recording", "音频|语音|录音|声音"),
        "video": ("video|footage", "视频|录像"),
        "geospatial": (
            "geospatial|gps|satellite|remote[- ]sensing|lidar|map|trajector(?:y|ie)|point cloud",
            "地理|遥感|卫星|轨迹|点云|地图",
        ),
        "graph": ("knowledge graph|graph", "知识图谱|图谱|图数据"),
    }
)

_PEOPLE: Final = (
    "hospital|cit(?:y|ie)|compan(?:y|ie)|market|yuan|user|customer|road|province|bank|factor(?:y|ie)|student"
)
LANGUAGES: Final = _table(
    {
        "zh": (rf"chinese(?! (?:{_PEOPLE}))|mandarin", "中文|汉语|普通话|中英"),
        "en": ("english", "英文|英语|中英"),
        "yue": ("cantonese", "粤语|广东话|白话"),
        "hak": ("hakka", "客家话|客家语"),
        "nan": ("hokkien|teochew|min nan", "闽南语|潮汕话"),
        "ja": ("japanese", "日语|日文"),
        "ko": ("korean", "韩语|韩文"),
        "fr": ("french", "法语|法文"),
        "de": ("german", "德语|德文"),
        "es": ("spanish", "西班牙语"),
        "pt": ("portuguese", "葡萄牙语|葡语"),
        "ru": ("russian", "俄语"),
        "ar": ("arabic", "阿拉伯语"),
        "th": ("thai", "泰语"),
        "vi": ("vietnamese", "越南语"),
        "ms": ("malay", "马来语"),
        "id": ("indonesian", "印尼语"),
    }
)

_BAY: Final = ("greater bay area", "大湾区|粤港澳")
REGIONS: Final = _table(
    {
        "CN": (rf"china|chinese(?= (?:{_PEOPLE}))|mainland", "中国|国内|境内|全国"),
        "CN-GD": (
            f"guangdong|shenzhen|guangzhou|dongguan|foshan|zhuhai|{_BAY[0]}",
            f"广东|深圳|广州|东莞|佛山|珠海|{_BAY[1]}",
        ),
        "CN-BJ": ("beijing", "北京"),
        "CN-SH": ("shanghai", "上海"),
        "CN-TJ": ("tianjin", "天津"),
        "CN-CQ": ("chongqing", "重庆"),
        "CN-ZJ": ("zhejiang|hangzhou", "浙江|杭州"),
        "CN-JS": ("jiangsu|nanjing|suzhou", "江苏|南京|苏州"),
        "CN-SC": ("sichuan|chengdu", "四川|成都"),
        "CN-HB": ("hubei|wuhan", "湖北|武汉"),
        "CN-HN": ("hunan|changsha", "湖南|长沙"),
        "CN-FJ": ("fujian|xiamen", "福建|厦门"),
        "CN-GX": ("guangxi", "广西"),
        "CN-GZ": ("guizhou|guiyang", "贵州|贵阳"),
        "CN-HI": ("hainan", "海南"),
        "CN-SD": ("shandong|qingdao", "山东|青岛"),
        "HK": (f"hong kong|{_BAY[0]}", f"香港|{_BAY[1]}"),
        "MO": (f"maca[ou]|{_BAY[0]}", f"澳门|{_BAY[1]}"),
        "SG": ("singapore", "新加坡"),
        "JP": ("japan", "日本"),
        "KR": ("(?:south )?korea", "韩国"),
        "US": ("united states|usa", "美国"),
        "DE": ("germany", "德国"),
        "GB": ("united kingdom|britain", "英国"),
    }
)

KINDS: Final = _table(
    {
        "annotation": (
            r"(?:annotation|labell?ing) (?:team|service|capacit(?:y|ie)|partner|base)|annotators?|(?:annotate|label) our",
            "标注(?:服务|团队|能力|外包|基地|人员|员)|帮(?:我们)?标注",
        ),
        "collection": (
            "data collection|collection (?:service|team)|collect (?:new|custom)",
            "采集服务|定制采集|采集团队|数据采集",
        ),
        "cleaning": ("data cleaning|cleaning service|clean our", "清洗服务|数据清洗|清洗"),
        "legal-audit": ("legal (?:audit|review)|compliance (?:audit|review)", "合规审[查计]|法律审[查计]|法律尽调"),
        "certification": (
            "certification (?:service|bod(?:y|ie))|have our data certified",
            "认证服务|认证机构|做质量认证",
        ),
        "talent": ("hire|recruit|talent|data scientist", "招聘(?!信息)|人才|数据科学家"),
        "dataset": ("data ?set|corpus|corpora", "数据集|语料库|语料"),
    }
)

DELIVERIES: Final = _table(
    {
        "download": ("download|downloadable|by file", "下载|文件交付"),
        "api": ("api", "api|接口"),
        "in-place": ("in[- ]place|computing where the data are", "不出域|原地计算|可用不可见"),
        "privacy-computing": (
            "privacy[- ]computing|federated learning|secure multi-?party computation|privacy-preserving computation",
            "隐私计算|联邦学习|多方安全计算",
        ),
        "on-site": ("on[- ]site", "现场|驻场"),
    }
)

ACTIONS: Final = _table(
    {
        "commercialize": (
            "commercial(?:ly)?(?: (?:use|product|purpose))?|monetis(?:e|ing)",
            "商用|商业(?:用途|使用|化|产品)?",
        ),
        "train-models": (
            (
                r"(?:model|ai|llm) training|train(?:ing)?(?: [a-z]{1,10}){0,3} (?:model|llm|network|classifier)|fine-?tun(?:e|ing)|"
                "(?:for )?training|train"
            ),
            "模型训练|训练(?:大?模型)?|微调",
        ),
        "distribute": ("redistribut(?:e|ion)|resell|pass (?:it|them) on", "转售|再分发|对外提供|分发"),
        "derive": ("deriv(?:e|ative)(?: (?:data|work|product))?|modify", "衍生(?:品|数据)?|二次加工|二次开发"),
    }
)

PURPOSES: Final = _table(
    {
        "research": (
            r"(?:for|academic) (?:academic )?research|research (?:use|purpose|project)",
            "学术研究|研究用途|用于科?研究?|科研用途",
        ),
        "education": ("teaching purpose|for teaching|for education", "教学用途|用于教学"),
        "internal": ("internal(?:ly)?(?: use)?", "内部使用|内部用途|仅内部"),
        "product": ("in our product|commercial product", "用于产品|产品化|商业产品"),
        "public-service": ("public service", "公共服务|政务服务"),
    }
)

PERSONAL: Final = _table(
    {
        "none": (
            r"(?:no|without|free of|not contain(?: any)?|without any) (?:personal (?:data|information)|pii)",
            "(?:不含|不包含|不涉及|不得含有|无|没有)(?:任何)?个人(?:敏感)?(?:信息|数据|隐私)|不涉及隐私",
        ),
        "masked": (
            "anonymi[sz]ed|de-?identified|masked|pseudonymi[sz]ed",
            "(?:已|经过?|需|须)?脱敏(?:处理|后)?|去标识化|匿名化",
        ),
    }
)
EXCLUSIVE: Final = re.compile(r"(?<![a-z-])exclusive(?:ly)?(?: (?:use|licen[cs]e|rights?))?(?![a-z])|(?<!非)独家|排他")
STAYS: Final = re.compile(
    r"(?:must |may |should )?(?:not leave|stay in|remain in) (?:mainland )?(?:china|the country)|(?:不得|不能|不可|不)出境"
)
CERTIFICATE: Final = re.compile(
    r"(?<![a-z])(?:certified|certificates?|with certification)(?![a-z])|证书|(?:已|经过?|通过)(?:质量)?认证"
)
NEGATED: Final = re.compile(
    r"(?:(?<![a-z])(?:no|not|without|except|excluding|non)[ -](?:for |any |the )?|不要|不需要|无需|不包括|除|非|不|不用于|不做)$"
)
MUST: Final = re.compile(
    r"(?:(?<![a-z])(?:must(?: be)?|only(?: (?:by|through|via))?|required:?) ?(?:[a-z]+ )?|必须(?:可|能|支持|通过)?|仅(?:限|支持|接受|通过)?|只(?:能|接受|要))$"
)

FILLERS: Final = re.compile(
    r"(?<![a-z])(?:we|i|our|us|are|is|be|am|a|an|the|of|for|to|in|on|at|by|and|or|with|from|as|it|its|that|which|this|these|want|"
    r"wants|need|needs|needed|looking|look|seek|seeking|require|requires|required|please|would|like|should|must|can|could|will|have|"
    r"has|having|get|buy|purchase|use|used|using|also|data|dataset|datasets|set|some|any|about|around|than|per|all|each|budget|"
    r"deadline|price|delivery|delivered|quality|covering|covers|cover|collected|containing|contain|contains|least|most|only|via|"
    r"through|model|models|not|no|without|rate|ideally|preferably|purposes?|within|available|allowed|permitted|possible|good|between|"
    r"access|work|rights?|licen[cs]e|their|them|they|there|large|new|annotated|labelled|labeled)(?![a-z])|"
    r"我们|公司|本单位|需要|需求|希望|想要|想|要求|寻求|寻找|采购|购买|求购|求|征集|用于|用来|进行|提供|使用|用途|可以|能够|可|能|支持|通过|方式|交付|数据集|"
    r"数据|一批|一个|一份|一家|一些|以及|并且|且|和|与|及|或|的|了|在|为|是|有|要|须|需|必须|应|用|做|来|把|将|对|等|请|找|批|包括|包含|含|覆盖|来自|涵盖|主要|"
    r"预算|价格|费用|质量|规模|数量|截止|时间|期限|之间|左右|以上|以内|内|前|上|下|最好|至少|允许|我|您好|你好|希望能|已|模型|场景|领域|行业|相关|标注|"
    r"高质量|大量|采集|完成|限|仅|只|不|非|到|后|授权|处理|地区|范围|总|每|方面|类|给|于"
)
